//! The use cases of a Layr node behind one handle and one event stream.
