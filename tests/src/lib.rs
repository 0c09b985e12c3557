//! Support shared by the suites that cross crates: it starts real `layr` processes and watches them.
