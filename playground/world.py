"""Who and what there is: the bot's guild, its channels and its people, and two places that the bot is not in.

Ids are fixed, so that a bot that remembers them finds them again after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from playground.errors import DiscordError, PersonError
from playground.permissions import (
    ALL,
    APP_IN_PRIVATE,
    DIRECT_MESSAGE,
    EVERYONE,
    Overwrite,
    Permission,
    resolve,
)
from playground.places import (
    APPLICATION_ID,
    DM,
    ELSEWHERE_ID,
    FORUM,
    GROUP,
    GUILD_ID,
    TEXT,
    THREAD,
    Channel,
    Role,
    Tag,
    User,
)
from playground.settings import Settings

EVERYONE_ROLE = Role(GUILD_ID, "@everyone", EVERYONE, 0)
STAFF_ROLE = Role(
    "1000000000000000201",
    "Staff",
    int(Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS | Permission.MANAGE_THREADS),
    2,
)
BOT_ROLE = Role(
    "1000000000000000202",
    "Repaint",
    int(
        Permission.VIEW_CHANNEL
        | Permission.SEND_MESSAGES
        | Permission.SEND_MESSAGES_IN_THREADS
        | Permission.EMBED_LINKS
        | Permission.ATTACH_FILES
        | Permission.READ_MESSAGE_HISTORY
    ),
    1,
    managed=True,
)

BOT = User(APPLICATION_ID, "repaint", "Repaint", "bot", bot=True)
MEMBER = User("1000000000000000301", "mika", "Mika", "member")
MEMBER2 = User("1000000000000000302", "noor", "Noor", "member2", locale="de")
MODERATOR = User("1000000000000000303", "sasha", "Sasha", "moderator")
OWNER = User("1000000000000000304", "robin", "Robin", "owner")
OTHER_BOT = User("1000000000000000305", "inker", "Inker", "other_bot", bot=True)

ART = Channel("1000000000000000401", "art", "art", position=0)
STAFF = Channel(
    "1000000000000000402",
    "staff",
    "staff",
    position=1,
    overwrites=(
        Overwrite(GUILD_ID, 0, deny=int(Permission.VIEW_CHANNEL)),
        Overwrite(STAFF_ROLE.id, 0, allow=int(Permission.VIEW_CHANNEL)),
        Overwrite(BOT_ROLE.id, 0, allow=int(Permission.VIEW_CHANNEL)),
    ),
)
AGE_RESTRICTED = Channel("1000000000000000403", "after-dark", "age_restricted", nsfw=True, position=2)
ART_THREAD = Channel("1000000000000000404", "weekly-challenge", "thread", type=THREAD, parent=ART.id)
GALLERY = Channel(
    "1000000000000000405",
    "gallery",
    "forum",
    type=FORUM,
    position=3,
    tags=(
        Tag("1000000000000000601", "Watercolor"),
        Tag("1000000000000000602", "Anime"),
        Tag("1000000000000000603", "Oil painting"),
        Tag("1000000000000000604", "Comic"),
        Tag("1000000000000000605", "Picked by staff", moderated=True),
    ),
)
SHOWCASE = Channel("1000000000000000406", "showcase", "showcase", position=4)
ELSEWHERE = Channel("1000000000000000411", "lounge", "elsewhere", guild=ELSEWHERE_ID)
GROUP_CHAT = Channel(
    "1000000000000000421",
    "painters",
    "group",
    type=GROUP,
    guild=None,
    recipients=(MEMBER.id, MEMBER2.id, OWNER.id),
)

MAX_POSTS = 1_000
"""Those that were deleted count, too: they may come back."""


class World:
    """The places as they stand, with the rules of who may see and do what.

    Everybody is a member of both servers, elsewhere without a role; a group is its recipients' alone.
    """

    name = "Paintbox"
    joined_at = "2025-01-01T12:00:00.000000+00:00"

    def __init__(self) -> None:
        self.settings = Settings()
        self.bot = BOT
        self.owner = OWNER
        self.roles = {role.id: role for role in (EVERYONE_ROLE, STAFF_ROLE, BOT_ROLE)}
        self.users = {user.id: user for user in (MEMBER, MEMBER2, MODERATOR, OWNER, BOT, OTHER_BOT)}
        self.held = {MODERATOR.id: (STAFF_ROLE.id,), BOT.id: (BOT_ROLE.id,)}
        home = (ART, STAFF, AGE_RESTRICTED, ART_THREAD, GALLERY, SHOWCASE)
        self.channels = {c.id: c for c in (*home, ELSEWHERE, GROUP_CHAT)}
        self._gone: dict[str, Channel] = {}
        for number, user in enumerate(self.people()):
            dm = Channel(str(1000000000000000501 + number), "", "dm", type=DM, guild=None, recipient=user.id)
            self.channels[dm.id] = dm

    @property
    def locale(self) -> str:
        """The servers' preferred language."""
        return self.settings.locale

    def people(self) -> list[User]:
        return [user for user in self.users.values() if not user.bot]

    def member_roles(self, user_id: str, guild: str | None = GUILD_ID) -> tuple[str, ...]:
        """Ids of the roles that a member holds besides @everyone."""
        return self.held.get(user_id, ()) if guild == GUILD_ID else ()

    def is_member(self, user_id: str, guild: str | None) -> bool:
        """Whether that user, or the bot, is in that server."""
        return guild == GUILD_ID or (guild == ELSEWHERE_ID and user_id != self.bot.id)

    def user(self, reference: object) -> User:
        """The person meant by an id, a role name such as ``member2``, or a user name."""
        for user in self.people():
            if reference in (user.id, user.role, user.username):
                return user
        raise PersonError(f"There is no user {reference!r}.", 404)

    def channel(self, reference: object, user: User | None = None) -> Channel:
        """The channel meant by an id, a kind such as ``art``, or a name; ``dm`` is that user's own."""
        if reference == "dm" and user is not None:
            return self.direct(user.id)
        for channel in self.channels.values():
            if reference in (channel.id, channel.kind, channel.name):
                return channel
        raise PersonError(f"There is no channel {reference!r}.", 404)

    def direct(self, user_id: str) -> Channel:
        """The direct messages between the bot and that user."""
        return next(c for c in self.channels.values() if c.recipient == user_id)

    def place(self, channel: Channel) -> Channel:
        """A thread's channel, whose rules it shares; any other channel itself."""
        return self.channels.get(channel.parent or "", channel)

    def nsfw(self, channel: Channel) -> bool:
        """Whether it is age-restricted, by itself or as a thread of such a channel."""
        place = self.place(channel)
        return self.settings.nsfw.get(place.id, place.nsfw)

    def overwrites(self, channel: Channel) -> tuple[Overwrite, ...]:
        """A channel's own, with what the workshop changed: who are its moderators, and external apps."""
        out = {entry.target: entry for entry in channel.overwrites}
        if channel.id in self.settings.no_external_apps:
            own = out.get(GUILD_ID, Overwrite(GUILD_ID, 0))
            out[GUILD_ID] = replace(own, deny=own.deny | int(Permission.USE_EXTERNAL_APPS))
        for place, user in sorted(self.settings.moderators):
            if place == channel.id:
                out[user] = Overwrite(user, 1, allow=int(Permission.MANAGE_MESSAGES))
        return tuple(out.values())

    def guild_permissions(self, user_id: str) -> int:
        if user_id == self.owner.id:
            return ALL
        total = EVERYONE_ROLE.permissions
        for role_id in self.member_roles(user_id):
            total |= self.roles[role_id].permissions
        return total

    def permissions(self, user_id: str, channel: Channel) -> int:
        """What that user, or the bot, may do in that channel; 0 where they cannot see it."""
        if channel.guild is None:
            there = (channel.recipient, self.bot.id) if channel.type == DM else channel.recipients
            return DIRECT_MESSAGE if user_id in there else 0
        if channel.guild == ELSEWHERE_ID:
            everyone = resolve(EVERYONE, self.overwrites(channel), GUILD_ID, (), user_id)
            return everyone if self.is_member(user_id, channel.guild) else 0
        if user_id == self.bot.id and channel.id in self.settings.app_permissions:
            return self.settings.app_permissions[channel.id]
        place = self.place(channel)
        if user_id == self.bot.id and place.id in self.settings.app_permissions:
            return self.settings.app_permissions[place.id]
        base = self.guild_permissions(user_id)
        if base & Permission.ADMINISTRATOR:
            return ALL
        return resolve(base, self.overwrites(place), GUILD_ID, self.member_roles(user_id), user_id)

    def app_permissions(self, channel: Channel) -> int:
        """What an interaction there says of the app's permissions.

        In a server without the bot that is what everyone has; Discord API docs, Interaction Structure, for
        what is said in direct messages and groups.
        """
        if channel.guild is None:
            more = Permission.USE_EXTERNAL_EMOJIS if channel.type == DM else 0
            return APP_IN_PRIVATE | int(more)
        if channel.guild == ELSEWHERE_ID:
            return self.settings.app_permissions.get(channel.id, EVERYONE)
        return self.permissions(self.bot.id, channel)

    def can_view(self, user_id: str, channel_id: str) -> bool:
        channel = self.channels.get(channel_id)
        return channel is not None and bool(self.permissions(user_id, channel) & Permission.VIEW_CHANNEL)

    def may(self, user_id: str, channel: Channel, needed: int) -> bool:
        return self.permissions(user_id, channel) & needed == needed

    def guild_channels(self) -> Iterable[Channel]:
        """The text channels and forums of the bot's server."""
        return (c for c in self.channels.values() if c.type in (TEXT, FORUM) and c.guild == GUILD_ID)

    def threads(self) -> Iterable[Channel]:
        return (c for c in self.channels.values() if c.type == THREAD)

    def tags(self, channel: Channel) -> list[str]:
        """The names of a forum's tags, or of those that a post was given."""
        known = self.place(channel).tags
        return [tag.name for tag in known if channel.type == FORUM or tag.id in channel.applied]

    def add_post(self, post_id: str, forum: Channel, name: str, owner: str, tags: Iterable[str]) -> Channel:
        """A new thread in a forum. Raises DiscordError where there are as many as Discord keeps open."""
        if sum(c.kind == "post" for c in (*self.channels.values(), *self._gone.values())) >= MAX_POSTS:
            raise DiscordError(400, 160006, "Maximum number of active threads reached")
        post = Channel(post_id, name, "post", type=THREAD, parent=forum.id, owner=owner, applied=tuple(tags))
        self.channels[post.id] = post
        return post

    def remove_channel(self, channel_id: str) -> Channel:
        """Take a channel away, as a moderator would; its threads go with it."""
        for channel in list(self.channels.values()):
            if channel_id in (channel.id, channel.parent):
                self._gone[channel.id] = self.channels.pop(channel.id)
        return self._gone[channel_id]

    def restore_channel(self, reference: object) -> list[Channel]:
        """Bring back, empty, a channel that was taken away, and its threads; answers all that came back."""
        named = [c for c in self._gone.values() if reference in (c.id, c.kind, c.name)]
        found = [c for c in named if c.parent is None or c.parent in self.channels]
        if not found:
            raise PersonError(f"There is no deleted channel {reference!r} to restore.", 404)
        back = found + [c for c in self._gone.values() if c.parent == found[0].id]
        for channel in back:
            self.channels[channel.id] = self._gone.pop(channel.id)
        return back

    def rename_bot(self, username: str) -> None:
        self.bot = replace(self.bot, username=username)
        self.users[self.bot.id] = self.bot
