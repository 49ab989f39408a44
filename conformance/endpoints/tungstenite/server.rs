// An echo server on `tungstenite`: server PORT
use std::env;
use std::net::{TcpListener, TcpStream};
use std::thread;

use tungstenite::{accept, Message};

fn echo(stream: TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    let mut socket = accept(stream)?;
    loop {
        match socket.read()? {
            message @ (Message::Text(_) | Message::Binary(_)) => socket.send(message)?,
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = env::args().nth(1).ok_or("server PORT")?.parse()?;
    for stream in TcpListener::bind(("127.0.0.1", port))?.incoming() {
        let stream = stream?;
        // What ends a connection, a broken peer included, is an error of read().
        thread::spawn(move || echo(stream).err().map(drop));
    }
    Ok(())
}
