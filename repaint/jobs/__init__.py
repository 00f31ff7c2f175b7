"""The life of a job, from acceptance to delivery. Knows nothing of Discord: a `Presenter` shows it."""
