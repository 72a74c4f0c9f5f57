//! What a session is for, in the words of both databases.

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Access {
    /// Reading; its transactions refuse to write.
    Read,
    /// Reading and writing.
    Write,
    /// Writing, and making the SQLite file when there is none.
    Create,
}

/// How a session is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Use {
    /// For a command, which runs most statements once.
    Once,
    /// For long, with the same statements again and again. They stay prepared where the server's session
    /// is this client's own.
    Again,
}
