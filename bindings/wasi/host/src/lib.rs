#![doc = include_str!("../../README.md")]
//!
//! # This crate
//! A host for the component of `kordon-wasi`: wasmtime with limits on what a call may cost in time and memory.

#![allow(missing_debug_implementations, reason = "wasmtime's types have none")]

use std::fmt;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, ResourceLimiter, Result, Store, Trap};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

mod bindings {
    wasmtime::component::bindgen!({ path: "../wit", world: "kordon" });
}

pub use bindings::Kordon;
pub use bindings::exports::kordon::kordon::{expressions, policies};

/// What an instance may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Instructions, roughly, from its start to its end; more are given with [`Instance::refuel`].
    pub fuel: u64,
    /// Bytes of memory at any time.
    pub memory: usize,
}

/// Why a call was ended: the instance asked for more memory than it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    pub limit: usize,
    pub desired: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { fuel: 10_000_000_000, memory: 256 << 20 }
    }
}

/// The component, compiled once.
pub struct Host {
    component: Component,
    linker: Linker<State>,
}

/// A running component. What it was given dies with it.
pub struct Instance {
    pub kordon: Kordon,
    pub store: Store<State>,
}

/// What the component sees of the world: no files, no network, no environment.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    memory: usize,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        // A refusal would be a trap without a cause: the component can do nothing about it.
        if desired > self.memory {
            return Err(OutOfMemory { limit: self.memory, desired }.into());
        }
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        const MOST_ELEMENTS: usize = 100_000;
        Ok(desired <= MOST_ELEMENTS)
    }
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of memory are not allowed, {} are", self.desired, self.limit)
    }
}

impl std::error::Error for OutOfMemory {}

impl Host {
    /// Compiles a component.
    pub fn new(component: &[u8]) -> Result<Host> {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        Ok(Host { component: Component::new(&engine, component)?, linker })
    }

    /// What the component asks of its host.
    pub fn imports(&self) -> Vec<String> {
        let engine = self.component.engine();
        self.component.component_type().imports(engine).map(|(name, _)| name.to_owned()).collect()
    }

    /// Starts the component.
    pub fn start(&self, limits: &Limits) -> Result<Instance> {
        let state =
            State { wasi: WasiCtx::builder().build(), table: ResourceTable::new(), memory: limits.memory };
        let mut store = Store::new(self.component.engine(), state);
        store.limiter(|state| state);
        store.set_fuel(limits.fuel)?;
        let kordon = Kordon::instantiate(&mut store, &self.component, &self.linker)?;
        Ok(Instance { kordon, store })
    }
}

impl Instance {
    /// Gives the instance fuel for its next calls.
    pub fn refuel(&mut self, fuel: u64) -> Result<()> {
        self.store.set_fuel(fuel)
    }
}

/// Whether a call ended because it used up its fuel. The instance is then of no use any more.
pub fn is_out_of_fuel(error: &wasmtime::Error) -> bool {
    matches!(error.downcast_ref(), Some(Trap::OutOfFuel))
}
