"""Background work: deferred in the caller's transaction, done by `portal.worker`."""
