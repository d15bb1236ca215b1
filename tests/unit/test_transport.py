"""What clients are made of; that they work is seen wherever there is a broker."""

from aiokafka.codec import lz4_encode
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from transport.kafka import LZ4_LEVEL

VALUE = b"".join(b'{"symbol":"S%d","last":%d.25,"volume":%d}' % (n, n * 7 % 311, n * n) for n in range(2000))


def packed(value: bytes) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=DefaultRecordBatch.CODEC_LZ4,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 20,
    )
    builder.append(0, timestamp=1, key=None, value=value, headers=[])
    return bytes(builder.build())


def test_batches_are_packed_fast():
    # The header of a batch and of its one record are some 80 bytes; level 9 would come out far smaller.
    assert abs(len(packed(VALUE)) - len(lz4_encode(VALUE, LZ4_LEVEL))) < 100
    assert len(packed(VALUE)) > len(lz4_encode(VALUE, 9)) + 1000
