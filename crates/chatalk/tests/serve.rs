//! The program itself: what it prints, what it refuses, how it ends.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use storage::Storage;

fn chatalk() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatalk"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CHATALK_")) {
        command.env_remove(name);
    }
    command
}

fn serve(data: &Path) -> Command {
    let mut command = chatalk();
    command
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0", "--local", "0"]);
    command
}

/// A running server; killed if the test does not end it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it and reads the line of JSON.
fn start(data: &Path) -> (Running, serde_json::Value) {
    start_with(serve(data))
}

fn start_with(mut command: Command) -> (Running, serde_json::Value) {
    let mut child = command
        .arg("--print-json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let told = serde_json::from_str(&line).unwrap_or_else(|_| {
        let mut errors = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        panic!("{errors}");
    });
    (Running(child), told)
}

fn terminate(mut server: Running) -> String {
    let id = server.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(server.0.wait().unwrap().success());
    let mut log = String::new();
    server
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    log
}

fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_tells_what_people_need_and_keeps_its_identity() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (server, first) = start(&data);
    let port = first["port"].as_u64().unwrap();
    assert_eq!(first["url"], format!("https://127.0.0.1:{port}"));
    assert_eq!(first["fingerprint"].as_str().unwrap().len(), 64);
    assert_eq!(first["words"].as_str().unwrap().split(' ').count(), 6);
    let code = first["set_up_code"].as_str().unwrap().to_owned();
    assert_eq!(code.split('-').count(), 8);
    TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).unwrap();
    let log = terminate(server);
    assert!(!log.contains(&code), "codes stay out of the log");
    let (server, second) = start(&data);
    assert_eq!(second["fingerprint"], first["fingerprint"]);
    assert_ne!(
        second["set_up_code"], first["set_up_code"],
        "a new code replaces the old"
    );
    terminate(server);
}

#[test]
fn browsers_on_this_machine_have_an_entrance_on_loopback_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (server, told) = start(folder.path());
    let url = told["local_url"].as_str().unwrap();
    let port: u16 = url
        .strip_prefix("http://localhost:")
        .unwrap()
        .parse()
        .unwrap();
    let mut listening = listening_on(server.0.id(), port);
    listening.sort();
    assert!(
        listening
            == [
                Ipv4Addr::LOCALHOST.to_string(),
                Ipv6Addr::LOCALHOST.to_string()
            ]
            || listening == [Ipv4Addr::LOCALHOST.to_string()],
        "{listening:?}"
    );
    let answer = ask(port, &format!("localhost:{port}"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = ask(port, &format!("evil.example:{port}"));
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    terminate(server);
    let mut command = chatalk();
    command.arg("serve").arg("--data").arg(folder.path());
    command.args(["--listen", "127.0.0.1:0", "--local", "off"]);
    let (server, told) = start_with(command);
    assert!(told["local_url"].is_null());
    terminate(server);
}

fn ask(port: u16, host: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The addresses on which the process listens on `port`, as the system tells it.
fn listening_on(process: u32, port: u16) -> Vec<String> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|link| {
            let name = link.to_str()?;
            Some(name.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let table = std::fs::read_to_string(format!("/proc/{process}/net/{table}"));
        for line in table.unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (address, at) = fields[1].split_once(':').unwrap();
            let is_listening = fields[3] == "0A";
            let is_own = sockets.iter().any(|inode| inode == fields[9]);
            if is_listening && is_own && u16::from_str_radix(at, 16).unwrap() == port {
                found.push(address_of(address));
            }
        }
    }
    found
}

/// The kernel prints addresses as words of 32 bits in the machine's own order.
fn address_of(words: &str) -> String {
    let bytes: Vec<u8> = (0..words.len())
        .step_by(8)
        .flat_map(|at| {
            u32::from_str_radix(&words[at..at + 8], 16)
                .unwrap()
                .to_ne_bytes()
        })
        .collect();
    match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(v4) => Ipv4Addr::from(v4).to_string(),
        Err(_) => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).unwrap()).to_string(),
    }
}

#[test]
fn a_taken_local_port_that_was_chosen_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = chatalk();
    command.arg("serve").arg("--data").arg(folder.path());
    command.args(["--listen", "127.0.0.1:0", "--local", &port]);
    let error = refused(command);
    assert!(
        error.contains(&port) && error.contains("--local"),
        "{error}"
    );
}

#[test]
fn the_first_run_is_an_address_with_the_code_and_no_qr_code_goes_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = serve(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    while lines
        .last()
        .is_none_or(|line: &String| !line.contains("Ctrl-C"))
    {
        let mut line = String::new();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "{lines:?}");
        lines.push(line);
    }
    let text = lines.concat();
    let code = text
        .split_once("Set-up code")
        .map(|(_, rest)| rest.split_whitespace().next().unwrap())
        .unwrap();
    assert!(text.contains("http://localhost:"), "{text}");
    assert!(text.contains(&format!("/start#{code}\n")), "{text}");
    assert!(!text.contains('█'), "{text}");
    let log = terminate(Running(child));
    assert!(!log.contains(code));
}

#[cfg(unix)]
#[test]
fn its_secrets_are_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    terminate(start(&data).0);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("oprf.seed")), 0o600);
    assert_eq!(mode(&data.join("tls").join("authority.key")), 0o600);
}

#[test]
fn a_taken_port_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = chatalk();
    command.arg("serve").arg("--data").arg(folder.path());
    command.args(["--listen", &taken.local_addr().unwrap().to_string()]);
    command.args(["--local", "off"]);
    let error = refused(command);
    assert!(
        error.contains("taken") && error.contains("--listen"),
        "{error}"
    );
}

#[test]
fn a_data_folder_serves_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, _) = start(folder.path());
    let error = refused(serve(folder.path()));
    assert!(error.contains("in use"), "{error}");
}

#[test]
fn without_the_seed_of_its_members_it_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    terminate(start(folder.path()).0);
    let seed = folder.path().join("oprf.seed");
    // Nobody is registered: a new one is made.
    std::fs::remove_file(&seed).unwrap();
    terminate(start(folder.path()).0);
    add_member(folder.path());
    let (server, told) = start(folder.path());
    assert!(told["set_up_code"].is_null(), "there is a member");
    terminate(server);
    let kept = std::fs::read(&seed).unwrap();
    std::fs::remove_file(&seed).unwrap();
    let error = refused(serve(folder.path()));
    assert!(
        error.contains("oprf.seed") && error.contains("backup"),
        "{error}"
    );
    assert!(!seed.exists(), "no new one was made in its place");
    std::fs::write(&seed, &kept[..20]).unwrap();
    let error = refused(serve(folder.path()));
    assert!(error.contains("damaged"), "{error}");
    std::fs::write(&seed, &kept).unwrap();
    terminate(start(folder.path()).0);
}

fn add_member(folder: &Path) {
    use protocol::methods::account::{OrganisationRole, Stretching};
    let storage = storage_sqlite::SqliteStorage::open(folder, &storage_sqlite::Options::default());
    let storage = storage.unwrap();
    let account = storage::accounts::Account {
        member: protocol::MemberId([1; 16]),
        login_name: "ada".into(),
        skeleton: "ada".into(),
        display_name: "Ada".into(),
        role: OrganisationRole::Admin,
        opaque_record: vec![1],
        stretching: Stretching {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        },
        certificate: protocol::Bytes::from_static(b"certificate"),
        generation: 1,
        created: 1,
    };
    let storage: &dyn Storage = &storage;
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(storage::write::<_, storage::StorageError>(
            storage,
            move |unit| unit.insert_account(&account),
        ))
        .unwrap();
}

#[test]
fn given_certificates_are_used_and_wrong_ones_told() {
    let folder = tempfile::tempdir().unwrap();
    let (server, own) = start(&folder.path().join("one"));
    terminate(server);
    let tls = folder.path().join("one").join("tls");
    let (cert, key) = (tls.join("authority.pem"), tls.join("authority.key"));
    let mut command = serve(&folder.path().join("two"));
    command.arg("--cert").arg(&cert).arg("--key").arg(&key);
    let (server, given) = start_with(command);
    assert_eq!(given["fingerprint"], own["fingerprint"]);
    terminate(server);
    let mut command = serve(&folder.path().join("two"));
    command.arg("--cert").arg(&key).arg("--key").arg(&key);
    let error = refused(command);
    assert!(error.contains("authority.key"), "{error}");
    let mut command = serve(&folder.path().join("two"));
    command.arg("--cert").arg(&cert);
    assert!(refused(command).contains("--key"));
}

#[test]
fn dangerous_switches_warn() {
    let folder = tempfile::tempdir().unwrap();
    let frames = folder.path().join("frames");
    let mut command = serve(&folder.path().join("data"));
    command
        .arg("--test-stretching")
        .arg("--tap-frames")
        .arg(&frames);
    let log = terminate(start_with(command).0);
    assert!(
        log.contains("WARN") && log.contains("--test-stretching") && log.contains("--tap-frames")
    );
    assert!(frames.exists());
}

#[test]
fn unknown_modules_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = serve(folder.path());
    command.args(["--module", "teleport=on"]);
    assert!(refused(command).contains("receipts"));
}

#[test]
fn frames_are_described() {
    use protocol::{Request, encode, methods::account::Ping};
    let frame = encode(&Request::new(7, &Ping {}));
    for input in [frame.to_vec(), hex::encode(&frame).into_bytes()] {
        let mut child = chatalk()
            .arg("decode")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert!(text.contains("ping") && text.contains('7'), "{text}");
    }
}
