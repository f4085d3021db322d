"""Bytes on the line."""

from __future__ import annotations

import pytest

from sluice.errors import FrameError, MessageError, WireError
from sluice.wire.checksum import crc16, is_proof, proof
from sluice.wire.frames import Frame, FrameReader, next_sequence
from sluice.wire.http import HttpRequest, HttpResponse, RequestReader, ResponseReader, json_response
from sluice.wire.lines import LineReader, decode_line, encode_line
from sluice.wire.messages import MESSAGES, Block, Hello, LogPage, Welcome, decode
from sluice.wire.registers import RegisterType, decode_value, encode_value


def test_the_check_sum_is_the_known_one():
    assert crc16(b"123456789") == 0x29B1


def test_a_proof_needs_the_secret():
    assert is_proof(proof("a", b"n", "s"), "a", b"n", "s")
    assert not is_proof(proof("b", b"n", "s"), "a", b"n", "s")


def test_frames_come_out_of_pieces_and_rubbish():
    data = b"\x00\xa5" + Frame(1, 7, b"abc").encode() + b"rubbish" + Frame(2, 8).encode()
    reader, found = FrameReader(), []
    for byte in data:
        found += reader.feed(bytes([byte]))
    assert found == [Frame(1, 7, b"abc"), Frame(2, 8)]
    assert reader.skipped == 9


def test_a_damaged_frame_is_skipped():
    data = bytearray(Frame(1, 1, b"abcdef").encode())
    data[9] ^= 0xFF
    reader = FrameReader()
    assert reader.feed(bytes(data) + Frame(1, 2).encode()) == [Frame(1, 2)]
    assert reader.damaged == 1


def test_a_frame_has_limits():
    with pytest.raises(FrameError):
        Frame(1, 1, b"x" * 5000).encode()
    assert next_sequence(65535) == 0


@pytest.mark.parametrize("message", [Hello("wéir", 3), Welcome("gauge7", "1.0.0", 120), Block(4, (1, 2, 65535)), LogPage(1, (0, 9, 10, 1500), 0)])
def test_messages_survive_the_line(message):
    assert decode(message.frame(5)) == message


def test_every_kind_has_one_message():
    assert len(MESSAGES) == 20
    with pytest.raises(MessageError):
        decode(Frame(0x77, 1))
    with pytest.raises(MessageError):
        decode(Frame(Hello.KIND, 1, b"\x00\x09abc"))


@pytest.mark.parametrize(("kind", "value", "scale"), [("u16", 1.5, 0.001), ("i16", -20.5, 0.1), ("u32", 70000.0, 1.0), ("i32", -70000.0, 1.0), ("f32", 0.25, 1.0)])
def test_values_survive_registers(kind, value, scale):
    found = RegisterType.named(kind)
    assert decode_value(encode_value(value, found, scale), found, scale) == pytest.approx(value)


def test_values_must_fit():
    with pytest.raises(MessageError):
        encode_value(70000, RegisterType.U16)
    with pytest.raises(MessageError):
        encode_value(float("nan"), RegisterType.F32)


def test_lines_of_json():
    reader = LineReader()
    assert reader.feed(encode_line({"b": 1})[:5]) == []
    assert [decode_line(line) for line in reader.feed(b'1}\n\n{"a":2}\n')] == [{"b": 1}, {"a": 2}]
    with pytest.raises(WireError):
        decode_line(b"[1]")


def test_http_by_length_and_by_chunks():
    request = HttpRequest("PUT", "/x", {"a": "b"}, b"body").encode("h:1")
    reader = RequestReader()
    assert reader.feed(request[:20]) is None
    found = reader.feed(request[20:])
    assert (found.method, found.target, found.headers["host"], found.body) == ("PUT", "/x", "h:1", b"body")
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert ResponseReader().feed(chunked).body == b"abcde"
    assert ResponseReader().feed(json_response({"a": 1}, 201).encode()).json() == {"a": 1}
    assert not HttpResponse(200, {"connection": "close"}).keeps_open
