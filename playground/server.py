"""Everything that makes up the playground, put together."""

from __future__ import annotations

import secrets
from typing import Any

from playground import payloads
from playground.clock import Clock, Snowflakes
from playground.commands import Commands
from playground.drafts import Composer
from playground.errors import PersonError
from playground.events import EventLog
from playground.faults import Faults
from playground.files import FileStore
from playground.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, Gateway
from playground.interactions import Interactions
from playground.keeper import Keeper
from playground.messages import Message, MessageStore
from playground.places import GUILD_ID, THREAD, Channel
from playground.ratelimits import RateLimits
from playground.replies import Replies
from playground.traffic import Traffic
from playground.world import World


class Server:
    """The state of one playground; the web application's handlers work on it."""

    def __init__(self, token: str, keeper: Keeper | None = None) -> None:
        self.token = token
        self.keeper = keeper or Keeper()
        self.closing = False
        self.run = secrets.token_hex(8)  # by which a page knows that this is another process
        self.clock = Clock()
        self.ids = Snowflakes(self.clock)
        self.world = World()
        self.files = FileStore(self.clock, self.ids)
        self.faults = Faults()
        self.limits = RateLimits()
        self.traffic = Traffic(self.clock)
        self.events = EventLog(self.world)
        self.commands = Commands(self.ids)
        self.gateway = Gateway(self.world, self.traffic, self.faults, token)
        self.messages = MessageStore(self.world, self.files)
        self.messages.listeners.append(self._announce)
        for signal in (self.gateway.signal, self.commands.signal, self.keeper.signal):
            signal.listeners.append(self._announce_bot)
        self.composer = Composer(self.world, self.files, self.faults)
        self.interactions = Interactions(
            self.clock, self.ids, self.world, self.gateway, self.messages, self.events
        )
        self.replies = Replies(
            self.clock,
            self.ids,
            self.world,
            self.files,
            self.messages,
            self.composer,
            self.interactions,
        )

    def listen_at(self, base_url: str) -> None:
        """Say where the server is reached, once its port is known, e.g. ``http://127.0.0.1:9100``."""
        self.files.base_url = base_url
        self.gateway.url = f"{base_url.replace('http', 'ws', 1)}/gateway"

    def _announce(self, what: str, message: Message) -> None:
        """Tell people and the bot of a message; the bot's gateway does not carry ephemeral ones."""
        gone = {"id": message.id, "channel_id": message.channel}
        data: dict[str, Any] = gone if what == "delete" else self.messages.person_json(message)
        self.events.publish(f"message_{what}", data, message.channel, only_for=message.visible_to)
        channel = self.world.channels.get(message.channel)
        if message.ephemeral or channel is None or not self.world.can_view(self.world.bot.id, channel.id):
            return
        guild = channel.guild
        if what == "delete":
            data = gone | ({"guild_id": guild} if guild else {})
        else:
            data = self.messages.gateway_json(message)
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        self.gateway.dispatch(f"MESSAGE_{what.upper()}", data, guild=guild, intent=intent)

    def _announce_bot(self) -> None:
        """Tell everybody how the bot is: it came, went, or has other commands; its process is another one."""
        if self.gateway.connected:
            self.keeper.connected()
        self.events.publish("bot", self.bot_json(), None)

    def bot_json(self) -> dict[str, Any]:
        """Whether the bot is there, how many commands it has, and its process (see `Keeper.json`)."""
        return {
            "connected": self.gateway.connected,
            "commands": len(self.commands.usable(guild=True)),
            "process": self.keeper.json(),
        }

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel with what is in it, as a moderator would."""
        if channel.guild is None:
            raise PersonError("Direct messages and groups cannot be deleted.")
        data = payloads.channel_json(self.world, channel)
        self.messages.remove_channel(channel.id)
        self.world.remove_channel(channel.id)
        self._announce_channel("DELETE", channel, data)

    def restore_channel(self, reference: object) -> list[Channel]:
        """Bring a deleted channel back, without its messages; Discord cannot."""
        back = self.world.restore_channel(reference)
        for channel in back:
            self._announce_channel("CREATE", channel, payloads.channel_json(self.world, channel))
        return back

    def announce_change(self, channel: Channel) -> None:
        """A channel is not as it was."""
        self._announce_channel("UPDATE", channel, payloads.channel_json(self.world, channel))

    def announce_guild(self) -> None:
        """The bot's server is not as it was."""
        self.gateway.dispatch("GUILD_UPDATE", payloads.guild_json(self.world), guild=GUILD_ID, intent=GUILDS)

    def open_post(self, post_id: str, forum: Channel, name: str, owner: str, tags: list[str]) -> Channel:
        """Make a post in a forum, whose first message is to have the same id, and tell of it."""
        post = self.world.add_post(post_id, forum, name, owner, tags)
        data = payloads.channel_json(self.world, post)
        self.events.publish("thread_create", data, post.id)
        self._announce_channel("CREATE", post, data | {"newly_created": True})
        return post

    def _announce_channel(self, what: str, channel: Channel, data: dict[str, Any]) -> None:
        """Tell the bot of a channel, if it is in that server."""
        if self.world.is_member(self.world.bot.id, channel.guild):
            kind = "THREAD" if channel.type == THREAD else "CHANNEL"
            self.gateway.dispatch(f"{kind}_{what}", data, guild=channel.guild, intent=GUILDS)

    async def shut_down(self) -> None:
        """Let go of whoever listens."""
        self.closing = True
        self.events.signal.notify()
        await self.gateway.close()

    def close(self) -> None:
        self.interactions.close()
        self.files.close()
