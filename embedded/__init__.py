"""The image API on this machine: a server with the contract of Segmind's API, for when there is no API key.

It paints with a preview engine, which is not Stable Diffusion, and says so in every answer. Start it with
`python -m embedded`; `app.py` is the place to begin reading.
"""
