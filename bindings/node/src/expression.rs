//! `cel`.

use crate::error::Thrown;
use crate::value::{read, stringify};
use kordon::document::{Limits, Object};
use kordon_shared::api::{Expression, ExpressionOptions, Value};
use napi::bindgen_prelude::{Array, BigInt, Buffer, JsObjectValue, JsValue, Null, ToNapiValue, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

/// A compiled expression.
#[napi(namespace = "cel")]
#[derive(Debug)]
pub struct Program(Expression);

/// Parses, checks and compiles an expression.
#[napi(namespace = "cel")]
pub fn compile<'env>(
    env: &'env Env,
    expression: String,
    #[napi(ts_arg_type = "ExpressionOptions")] options: Option<Unknown<'env>>,
) -> Result<Program> {
    let options: ExpressionOptions = read(env, options)?;
    Expression::compile(&expression, &options).thrown(env).map(Program)
}

#[napi(namespace = "cel")]
impl Program {
    /// The type of the value, as the checker knows it.
    #[napi(getter)]
    pub fn result_type(&self) -> String {
        self.0.result_type()
    }

    /// Evaluates the expression.
    #[napi(ts_return_type = "Evaluation")]
    pub fn eval<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "Record<string, unknown>")] variables: Option<
            napi::bindgen_prelude::Object<'env>,
        >,
    ) -> Result<napi::bindgen_prelude::Object<'env>> {
        let mut values = Vec::with_capacity(self.0.variables().len());
        for name in self.0.variables() {
            let value = match &variables {
                Some(variables) if variables.has_named_property(name)? => {
                    let value: Unknown<'_> = variables.get_named_property(name)?;
                    let json = stringify(env, value)?;
                    let read = Object::from_json(json.as_bytes(), &Limits::default());
                    Some(read.map_err(|error| crate::argument(env, format!("variable {name}: {error}")))?)
                }
                _ => None,
            };
            values.push(value);
        }
        let evaluation = self.0.eval(&values).thrown(env)?;
        let mut made = napi::bindgen_prelude::Object::new(env)?;
        made.set("value", javascript(env, &evaluation.value)?)?;
        made.set("cost", evaluation.cost as f64)?;
        Ok(made)
    }
}

/// Beyond this a number would lose digits.
const SAFE: u64 = (1 << 53) - 1;

fn javascript<'env>(env: &'env Env, value: &Value) -> Result<Unknown<'env>> {
    match value {
        Value::Null => Null.into_unknown(env),
        Value::Bool(value) => value.into_unknown(env),
        Value::Int(value) if value.unsigned_abs() > SAFE => BigInt::from(*value).into_unknown(env),
        Value::Int(value) => (*value as f64).into_unknown(env),
        Value::Uint(value) if *value > SAFE => BigInt::from(*value).into_unknown(env),
        Value::Uint(value) => (*value as f64).into_unknown(env),
        Value::Double(value) => value.into_unknown(env),
        Value::String(text) | Value::Text(text) => text.as_str().into_unknown(env),
        Value::Bytes(bytes) => Buffer::from(bytes.as_slice()).into_unknown(env),
        Value::List(list) => {
            let mut made: Array<'_> = env.create_array(0)?;
            for value in list {
                made.insert(javascript(env, value)?)?;
            }
            made.into_unknown(env)
        }
        Value::Map(entries) => {
            let mut made = napi::bindgen_prelude::Object::new(env)?;
            for (key, value) in entries {
                made.set(key.key(), javascript(env, value)?)?;
            }
            Ok(made.to_unknown())
        }
    }
}
