//! Many nodes in one process over a simulated network, with faults by script. Test use only.
