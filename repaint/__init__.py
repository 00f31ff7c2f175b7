"""The core of Repaint: the image API's client, pictures, the life of a job, and what Discord shows of it."""
