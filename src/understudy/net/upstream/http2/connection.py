"""h2's connection, corrected, and the windows and limits that it tells the other server."""

from __future__ import annotations

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, Event
from h2.exceptions import FrameTooLargeError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import Frame, GoAwayFrame

STREAM_WINDOW = 1024 * 1024
"""What a server may send of one reply before it was passed on, in bytes: the most that a call holds."""
CONNECTION_WINDOW = 16 * 1024 * 1024
"""What may be on the way of all replies together, so that a fast server far away never waits for us."""
MAX_HEADER_LIST_BYTES = 256 * 1024
"""Headers of a reply, decoded (RFC 9113 section 6.5.2), as Chromium has it."""
MAX_HEADER_TABLE_BYTES = 64 * 1024
"""What is remembered of the headers of requests for a server, if it allows that much (RFC 7541 section 4.2).

It may allow 4 GB; a table as large is searched from one end to the other for each header."""

_CONFIG = H2Configuration(
    client_side=True,
    header_encoding=None,
    # The headers of requests have been looked at where they came in, and are put together by `heads`.
    validate_outbound_headers=False,
    # Would join cookies, and move them to the end: the headers of a recording stay as they came.
    normalize_inbound_headers=False,
)


class Connection(H2Connection):
    """h2's connection, but what came before an error counts, and GOAWAY is not the end.

    h2 closes everything at GOAWAY and drops what it has not sent yet, though calls go on that the other side
    has taken (RFC 9113 section 6.8).
    """

    MAX_CLOSED_STREAMS = 4096  # enough for what may be on the way; h2 would keep 65536

    def __init__(self) -> None:
        super().__init__(_CONFIG)
        self._seen: list[Event] = []
        self._is_first = True

    def introduce(self) -> None:
        """Send the preface and our settings."""
        self.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADER_LIST_BYTES,
            },
        )
        self.decoder.max_header_list_size = MAX_HEADER_LIST_BYTES
        self.initiate_connection()
        self.increment_flow_control_window(CONNECTION_WINDOW - self.inbound_flow_control_window)

    def read(self, data: bytes) -> str | None:
        """Read what came. What is wrong with it, None if nothing is."""
        if self._is_first:
            self._is_first = False
            if data.startswith(b"HTTP/"):
                return "the server speaks HTTP/1"
        try:
            self.receive_data(data)
            # h2 would wait for all of a frame that is too large, before it says so.
            if int.from_bytes(self.incoming_buffer._data[:3]) > self.max_inbound_frame_size:
                raise FrameTooLargeError("a frame is too large")
        except Exception as error:
            # Whatever hostile bytes do to h2, hpack and hyperframe: that is not an error of ours.
            return str(error) or type(error).__name__
        return None

    def take_events(self) -> list[Event]:
        """What has come since the last time."""
        events, self._seen = self._seen, []
        return events

    def _receive_frame(self, frame: Frame) -> list[Event]:
        events = super()._receive_frame(frame)
        self._seen += events
        if self.encoder.header_table_size > MAX_HEADER_TABLE_BYTES:
            self.encoder.header_table_size = MAX_HEADER_TABLE_BYTES
        return events

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        event = ConnectionTerminated()
        event.error_code = frame.error_code
        event.last_stream_id = frame.last_stream_id
        event.additional_data = frame.additional_data
        return [], [event]
