//! Work on several threads whose results come in order, with a bound on how many wait for those before them.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many results may wait for each thread, and how many bytes of their tasks in all.
const MOST_WAITING: usize = 128;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Does the work of each task on so many threads, and hands over the results in the order of the tasks. The threads'
/// states are given back. Ends early when a result cannot be handed over.
///
/// `size` says how much memory the result of a task may hold on to.
pub(crate) fn in_order<T: Send, S: Send, R: Send>(
    threads: usize,
    tasks: impl Iterator<Item = T> + Send,
    size: impl Fn(&T) -> usize + Sync,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, T) -> R + Sync,
    out: &mut (dyn FnMut(R) -> io::Result<()> + Send),
) -> io::Result<Vec<S>> {
    let mut own = state();
    let mut tasks = tasks.fuse();
    // The first result is worth more than the time that threads take to start, and often it is all there is.
    let first = tasks.next();
    if let Some(task) = first {
        out(work(&mut own, task))?;
    }
    if threads <= 1 {
        for task in tasks {
            out(work(&mut own, task))?;
        }
        return Ok(vec![own]);
    }
    let Some(second) = tasks.next() else { return Ok(vec![own]) };
    let tasks = Mutex::new(std::iter::once(second).chain(tasks).enumerate());
    let order = Order {
        waiting: Mutex::new(Waiting { next: 0, done: VecDeque::new(), held: 0, bytes: 0, out, ended: None }),
        moved: Condvar::new(),
        most: threads.saturating_mul(MOST_WAITING),
    };
    let share = |mut own: S| {
        let leaving = Leaving(&order);
        loop {
            let task = lock(&tasks).next();
            let Some((number, task)) = task else { break };
            let size = size(&task);
            let result = work(&mut own, task);
            if !order.hand_over(number, size, result) {
                break;
            }
        }
        drop(leaving);
        own
    };
    let states = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| share(state()))).collect();
        let mut states = vec![share(own)];
        for other in others {
            match other.join() {
                Ok(state) => states.push(state),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        states
    });
    let ended = lock(&order.waiting).ended.take();
    match ended {
        Some(Err(error)) => Err(error),
        _ => Ok(states),
    }
}

struct Order<'o, R> {
    waiting: Mutex<Waiting<'o, R>>,
    moved: Condvar,
    most: usize,
}

struct Waiting<'o, R> {
    /// The number of the result that is to be handed over next, which is at the front once it is there.
    next: usize,
    done: VecDeque<Option<(usize, R)>>,
    /// How many results wait, and how much memory they hold.
    held: usize,
    bytes: usize,
    out: &'o mut (dyn FnMut(R) -> io::Result<()> + Send),
    /// Why there is nothing more to do.
    ended: Option<io::Result<()>>,
}

impl<R> Order<'_, R> {
    /// Takes a result, hands over what is next, and waits as long as too many others wait; says whether to go on.
    fn hand_over(&self, number: usize, size: usize, result: R) -> bool {
        let mut waiting = lock(&self.waiting);
        let at = number - waiting.next;
        if waiting.done.len() <= at {
            waiting.done.resize_with(at + 1, || None);
        }
        if let Some(place) = waiting.done.get_mut(at) {
            *place = Some((size, result));
        }
        waiting.held += 1;
        waiting.bytes += size;
        while waiting.ended.is_none()
            && let Some(Some(_)) = waiting.done.front()
        {
            let Some(Some((size, result))) = waiting.done.pop_front() else { break };
            waiting.next += 1;
            waiting.held -= 1;
            waiting.bytes -= size;
            if let Err(error) = (waiting.out)(result) {
                waiting.ended = Some(Err(error));
            }
            self.moved.notify_all();
        }
        // Whoever works on the next result never waits here, so that it comes.
        while waiting.ended.is_none() && (waiting.held > self.most || waiting.bytes > MOST_BYTES) {
            waiting = self.moved.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.ended.is_none()
    }
}

/// Lets the others go when a thread panics: the result that they wait for never comes.
struct Leaving<'l, 'o, R>(&'l Order<'o, R>);

impl<R> Drop for Leaving<'_, '_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.waiting).ended.get_or_insert(Ok(()));
            self.0.moved.notify_all();
        }
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        for threads in [1, 2, 3, 8] {
            let mut seen = Vec::new();
            let work = |done: &mut usize, task: usize| {
                *done += 1;
                // Some take much longer than others.
                (0..task % 7 * 2_000).fold(task, |sum, step| std::hint::black_box(sum ^ step ^ step))
            };
            let states = in_order(threads, 0..2_000, |_| 0, || 0, work, &mut |result| {
                seen.push(result);
                Ok(())
            });
            assert_eq!(seen, (0..2_000).collect::<Vec<_>>());
            assert_eq!(states.ok().map(|states| states.iter().sum()), Some(2_000));
        }
    }

    #[test]
    fn few_results_wait_for_a_slow_one() {
        let started = AtomicUsize::new(0);
        let mut behind = Vec::new();
        let work = |(): &mut (), task: usize| {
            started.fetch_add(1, Ordering::Relaxed);
            if task == 1 {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            task
        };
        let size = |_: &usize| MOST_BYTES / 4;
        let made = in_order(4, 0..1_000, size, || (), work, &mut |result| {
            behind.push(started.load(Ordering::Relaxed) - result);
            Ok(())
        });
        assert!(made.is_ok());
        assert!(behind.iter().all(|behind| *behind <= 16), "{behind:?}");
    }

    #[test]
    fn nothing_more_is_done_after_an_error() {
        for threads in [1, 4] {
            let done = AtomicUsize::new(0);
            let work = |(): &mut (), task: usize| {
                done.fetch_add(1, Ordering::Relaxed);
                task
            };
            let failed = in_order(threads, 0..100_000, |_| 0, || (), work, &mut |result| match result {
                100 => Err(io::ErrorKind::BrokenPipe.into()),
                _ => Ok(()),
            });
            assert!(failed.is_err());
            assert!(done.load(Ordering::Relaxed) < 10_000);
        }
    }

    #[test]
    #[should_panic(expected = "out of work")]
    fn a_panic_is_not_waited_for() {
        let work = |(): &mut (), task: usize| assert!(task != 500, "out of work");
        let _ = in_order(4, 0..100_000, |_| MOST_BYTES, || (), work, &mut |()| Ok(()));
    }
}
