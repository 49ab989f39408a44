// The client of `tungstenite` under Autobahn's protocol: client URL AGENT
use std::env;

use tungstenite::{connect, Message};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn case_count(url: &str) -> Result<u32> {
    let (mut socket, _) = connect(format!("{url}getCaseCount"))?;
    let count = socket.read()?.into_text()?.parse()?;
    socket.close(None)?;
    Ok(count)
}

fn echo(url: &str) -> Result<()> {
    let (mut socket, _) = connect(url)?;
    loop {
        match socket.read()? {
            message @ (Message::Text(_) | Message::Binary(_)) => socket.send(message)?,
            _ => {}
        }
    }
}

fn main() -> Result<()> {
    let mut words = env::args().skip(1);
    let (url, agent) = words.next().zip(words.next()).ok_or("client URL AGENT")?;
    for number in 1..=case_count(&url)? {
        // What ends a connection is an error of read(); the harness knows.
        let _ = echo(&format!("{url}runCase?case={number}&agent={agent}"));
    }
    let _ = echo(&format!("{url}updateReports?agent={agent}"));
    Ok(())
}
