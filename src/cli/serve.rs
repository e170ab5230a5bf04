//! `trustlane serve`: the pipeline on every change, its outputs kept in memory and shown by a server of our own.
//!
//! One thread answers, and one waits for the author, builds, and tells the pages.

mod http;
mod live;
mod site;
mod watch;

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow, bail};
use clap::Args;
use tokio::sync::oneshot;

use self::live::{Live, Told};
use self::site::Site;
use self::watch::Watch;
use super::{Ending, build, colour, root, say, say_error};
use crate::diag::Sink;
use crate::diag::render::{Colour, render};
use crate::source::Sources;
use crate::{load, write};

/// Arguments of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Folder of the project; the current one where absent
    project: Option<PathBuf>,
    /// Port of this machine to listen on; 0 takes any that is free
    #[arg(short, long, default_value_t = 3000)]
    port: u16,
}

impl Serve {
    /// Serves until Ctrl-C.
    pub fn execute(self) -> Result<Ending> {
        let root = root(self.project.as_ref()).to_owned();
        // Watched before it is read, so that what is saved in between is not missed.
        let watch = Watch::start(&root)?;
        let sources = load::load(&root)?;
        let listener = listen(self.port)?;
        say(&format!("http://{}/, until Ctrl-C\n", listener.local_addr()?))?;
        let live = Arc::new(Live::default());
        let shown = Arc::clone(&live);
        // Dropped when the thread ends, however it does.
        let (is_working, has_ended) = oneshot::channel();
        let author = thread::spawn(move || {
            let _is_working: oneshot::Sender<()> = is_working;
            follow(sources, watch, &live)
        });
        if answer_until(listener, shown, has_ended)? == End::Asked {
            return Ok(Ending::Well);
        }
        author.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        bail!("the folder is no longer watched")
    }
}

/// Only this machine is listened to: what is served is somebody's unfinished work.
fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|cause| match cause.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "port {port} is in use already: name another with `--port`, or take any that is free with `--port 0`"
        ),
        _ => Error::new(cause).context(format!("cannot listen on port {port}")),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Why the server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Ctrl-C.
    Asked,
    /// Nobody builds any more.
    Alone,
}

/// Answers until Ctrl-C, or until the thread that builds has ended.
fn answer_until(listener: TcpListener, live: Arc<Live>, mut has_ended: oneshot::Receiver<()>) -> Result<End> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::spawn(http::answer_all(tokio::net::TcpListener::from_std(listener)?, live));
        let mut asked = pin!(tokio::signal::ctrl_c());
        poll_fn(|context| match asked.as_mut().poll(context) {
            Poll::Ready(asked) => Poll::Ready(asked.map(|()| End::Asked).context("cannot wait for Ctrl-C")),
            Poll::Pending => Pin::new(&mut has_ended).poll(context).map(|_| Ok(End::Alone)),
        })
        .await
    })
}

/// Builds, and builds again whenever the sources have changed.
fn follow(mut sources: Sources, mut watch: Watch, live: &Live) -> Result<()> {
    loop {
        rebuild(&sources, live)?;
        sources = changed(&sources, &mut watch, live)?;
    }
}

/// The sources as soon as they differ from `before`.
fn changed(before: &Sources, watch: &mut Watch, live: &Live) -> Result<Sources> {
    // After a fault the old sources may be there again, and what was told of the fault is then to be taken back.
    let mut has_fault = false;
    loop {
        watch.wait()?;
        match load::load(watch.root()) {
            Ok(sources) if has_fault || !watch::is_same(before, &sources) => return Ok(sources),
            Ok(_) => {}
            Err(fault) => {
                has_fault = true;
                tell(&fault, live);
            }
        }
    }
}

/// Says what is wrong with the machine, and goes on: the author may mend it.
fn tell(fault: &Error, live: &Live) {
    let text = format!("error: {fault:#}\n");
    say_error(&text);
    live.tell(Told { is_wrong: true, text });
}

/// Runs the pipeline; a site with mistakes leaves the one before in its place.
fn rebuild(sources: &Sources, live: &Live) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "told on the terminal, and in no output")]
    let start = Instant::now();
    let mut sink = Sink::default();
    let built = build::outputs(sources, &mut sink);
    let diagnostics = sink.into_sorted();
    say_error(&render(&diagnostics, sources, colour()));
    let text = render(&diagnostics, sources, Colour::Never);
    let Some((outputs, edition)) = built else {
        live.tell(Told { is_wrong: true, text });
        return Ok(());
    };
    let config = &edition.project.config;
    match write::laid_out(outputs, &config.version, &config.title) {
        Ok(files) => {
            let site = Site::new(&config.version, files);
            let difference = live.publish(site, Told { is_wrong: false, text });
            say(&format!("{} in {}, {}\n", difference.verb(), seconds(start.elapsed()), difference.pages()))
        }
        Err(fault) => {
            tell(&fault, live);
            Ok(())
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
