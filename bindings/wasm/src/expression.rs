//! CEL alone.

use crate::value::{read, stringify, thrown};
use js_sys::{Array, BigInt, JsString, Object, Reflect, Uint8Array};
use kordon::document::{self, Limits};
use kordon_shared::api::{Error, Expression, ExpressionOptions, Value};
use wasm_bindgen::prelude::*;

/// A compiled expression.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Program(Expression);

/// Parses, checks and compiles an expression.
#[wasm_bindgen]
pub fn compile(
    expression: &str,
    #[wasm_bindgen(unchecked_optional_param_type = "ExpressionOptions")] options: JsValue,
) -> Result<Program, JsValue> {
    let options: ExpressionOptions = read(&options)?;
    Expression::compile(expression, &options).map(Program).map_err(|error| thrown(&error))
}

#[wasm_bindgen]
impl Program {
    /// The type of the value, as the checker knows it.
    #[wasm_bindgen(getter, js_name = resultType)]
    pub fn result_type(&self) -> String {
        self.0.result_type()
    }

    /// Evaluates the expression.
    #[wasm_bindgen(unchecked_return_type = "Evaluation")]
    pub fn eval(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "Record<string, unknown>")] variables: JsValue,
    ) -> Result<JsValue, JsValue> {
        let mut values = Vec::with_capacity(self.0.variables().len());
        for name in self.0.variables() {
            let key = JsString::from(name.as_str());
            let given = variables.is_object() && Reflect::has(&variables, &key)?;
            let read = |value: JsValue| {
                let json = stringify(&value)?;
                let read = document::Object::from_json(json.as_bytes(), &Limits::default());
                read.map_err(|error| thrown(&Error::argument(format!("variable {name}: {error}"))))
            };
            values.push(given.then(|| Reflect::get(&variables, &key).and_then(read)).transpose()?);
        }
        let evaluation = self.0.eval(&values).map_err(|error| thrown(&error))?;
        let made = Object::new();
        Reflect::set(&made, &"value".into(), &javascript(&evaluation.value)?)?;
        Reflect::set(&made, &"cost".into(), &(evaluation.cost as f64).into())?;
        Ok(made.into())
    }
}

/// Beyond this a number would lose digits.
const SAFE: u64 = (1 << 53) - 1;

fn javascript(value: &Value) -> Result<JsValue, JsValue> {
    Ok(match value {
        Value::Null => JsValue::NULL,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) if value.unsigned_abs() > SAFE => BigInt::from(*value).into(),
        Value::Int(value) => (*value as f64).into(),
        Value::Uint(value) if *value > SAFE => BigInt::from(*value).into(),
        Value::Uint(value) => (*value as f64).into(),
        Value::Double(value) => (*value).into(),
        Value::String(text) | Value::Text(text) => text.as_str().into(),
        Value::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Value::List(list) => {
            let made = Array::new();
            for value in list {
                made.push(&javascript(value)?);
            }
            made.into()
        }
        Value::Map(entries) => {
            let made = Object::new();
            for (key, value) in entries {
                Reflect::set(&made, &JsString::from(key.key().as_str()), &javascript(value)?)?;
            }
            made.into()
        }
    })
}
