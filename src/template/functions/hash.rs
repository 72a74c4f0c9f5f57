//! Functions that hash, and those of chance.

use data_encoding::{BASE64, HEXLOWER};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

use super::Call;
use super::signature::{Function, NUMBER, RETURNS_TEXT, TEXT};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64sha256", &[TEXT], RETURNS_TEXT, |call| {
        Ok(base64::<Sha256>(call.text(0)?.as_bytes()))
    }),
    Function::new("base64sha512", &[TEXT], RETURNS_TEXT, |call| {
        Ok(base64::<Sha512>(call.text(0)?.as_bytes()))
    }),
    // A build will know it: the hash is salted by chance.
    Function::new("bcrypt", &[TEXT], RETURNS_TEXT, |_| {
        Ok(Value::Unknown(Type::String))
    })
    .rest(NUMBER),
    Function::new("md5", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Md5>(call.text(0)?.as_bytes()))
    }),
    Function::new("sha1", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Sha1>(call.text(0)?.as_bytes()))
    }),
    Function::new("sha256", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Sha256>(call.text(0)?.as_bytes()))
    }),
    Function::new("sha512", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Sha512>(call.text(0)?.as_bytes()))
    }),
    Function::new("uuid", &[], RETURNS_TEXT, |_| {
        Ok(Value::Unknown(Type::String))
    }),
    Function::new("uuidv5", &[TEXT, TEXT], RETURNS_TEXT, name_based),
];

/// The hash of bytes in base 16.
pub(super) fn hex<D: Digest>(bytes: &[u8]) -> Value {
    HEXLOWER.encode(&D::digest(bytes)).into()
}

/// The hash of bytes in base 64.
pub(super) fn base64<D: Digest>(bytes: &[u8]) -> Value {
    BASE64.encode(&D::digest(bytes)).into()
}

fn name_based(call: &Call<'_>) -> Result<Value, Failure> {
    let namespace = match call.text(0)? {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other)
            .map_err(|_| Failure::refused("the namespace is neither known nor a UUID"))?,
    };
    Ok(Uuid::new_v5(&namespace, call.text(1)?.as_bytes())
        .to_string()
        .into())
}
