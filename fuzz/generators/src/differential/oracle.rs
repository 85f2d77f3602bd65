//! The oracle as a child process.

use crate::object::TYPED;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// An expression and the values of the variables that it is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    pub expression: String,
    /// By name.
    pub variables: Value,
    /// Types of variables, when the type and the estimated cost are asked for instead of the value.
    pub types: Option<Value>,
}

impl Question {
    pub(super) fn line(&self) -> Value {
        if let Some(types) = &self.types {
            return json!({"id": 0, "expression": self.expression, "check": true, "types": types});
        }
        let types: Value = TYPED.iter().map(|(field, kind)| (field.path, *kind)).collect();
        json!({"id": 0, "expression": self.expression, "vars": self.variables, "types": types})
    }
}

/// The API server's own CEL, `oracle batch cel`, see `fuzz/oracle/README.md`.
#[derive(Debug)]
pub struct Oracle {
    program: PathBuf,
    kind: String,
    process: Process,
}

#[derive(Debug)]
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    pub fn start(program: &Path) -> Result<Oracle> {
        Oracle::of_kind(program, "cel")
    }

    /// One that answers questions of this kind.
    pub fn of_kind(program: &Path, kind: &str) -> Result<Oracle> {
        Ok(Oracle {
            program: program.to_owned(),
            kind: kind.to_owned(),
            process: Process::start(program, kind)?,
        })
    }

    /// Answers in the order of the questions, without their ids. `once`: without the repetitions that find what depends
    /// on map order. `meanwhile` runs while the oracle works.
    pub fn ask<T>(
        &mut self,
        questions: &[Question],
        once: bool,
        meanwhile: impl FnOnce() -> T,
    ) -> Result<(Vec<Value>, T)> {
        let line = |question: &Question| {
            let mut line = question.line();
            if once {
                line["once"] = json!(true);
            }
            line
        };
        self.ask_lines(questions.iter().map(line), meanwhile)
    }

    /// The same with questions as they are put. One that the API server's code does not end with is answered by
    /// `timeout`, and a new process goes on with the next.
    pub fn ask_lines<T>(
        &mut self,
        questions: impl ExactSizeIterator<Item = Value>,
        meanwhile: impl FnOnce() -> T,
    ) -> Result<(Vec<Value>, T)> {
        let questions: Vec<Value> = questions.collect();
        let (mut answers, other) = self.process.ask(&questions, meanwhile)?;
        loop {
            if answers.last().is_some_and(|last| last["timeout"] == json!(true)) {
                self.process = Process::start(&self.program, &self.kind)?;
            } else if answers.len() < questions.len() {
                return Err(Error::new(ErrorKind::UnexpectedEof, "the oracle ended"));
            }
            if answers.len() == questions.len() {
                return Ok((answers, other));
            }
            answers.extend(self.process.ask(&questions[answers.len()..], || ())?.0);
        }
    }
}

impl Process {
    fn start(program: &Path, kind: &str) -> Result<Process> {
        let mut child = Command::new(program)
            .args(["batch", kind])
            // One processor each: the callers run side by side.
            .env("GOMAXPROCS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
        Ok(Process { child, input, output: BufReader::new(output) })
    }

    /// Answers until the process ends, or all of them.
    fn ask<T>(&mut self, questions: &[Value], meanwhile: impl FnOnce() -> T) -> Result<(Vec<Value>, T)> {
        let Process { input, output, .. } = self;
        let input = input.as_mut().ok_or(ErrorKind::BrokenPipe)?;
        let (mut lines, count) = (Vec::new(), questions.len());
        for question in questions {
            serde_json::to_writer(&mut lines, &question)?;
            lines.push(b'\n');
        }
        std::thread::scope(|scope| {
            // In a thread of its own, because both pipes are short.
            let writer = scope.spawn(move || input.write_all(&lines).and_then(|()| input.flush()));
            let answers =
                move || (0..count).map_while(|_| answer(output).transpose()).collect::<Result<Vec<_>>>();
            let reader = scope.spawn(answers);
            let other = meanwhile();
            let broken = |_| Error::other("a thread that talks to the oracle panicked");
            let answers = reader.join().map_err(broken)??;
            match writer.join().map_err(broken)? {
                // The process ended before it had read everything.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
                _ => Ok((answers, other)),
            }
        })
    }
}

/// The next answer, if there is one.
fn answer(output: &mut impl BufRead) -> Result<Option<Value>> {
    let mut line = String::new();
    if output.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut answer: Value = serde_json::from_str(&line)?;
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("id");
    }
    Ok(Some(answer))
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends by itself once its input has ended.
        let _ = self.child.wait();
    }
}
