//! Messages as frames: length as u32 big-endian, then that many bytes of CBOR in the one encoding.

use minicbor::{Decode, Encode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::MAX_FRAME_BYTES;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The stream broke or ended.
    #[error("the stream ended: {source}")]
    Stream {
        /// What the stream said.
        #[from]
        source: std::io::Error,
    },
    /// The frame is longer than allowed.
    #[error("a frame of {len_bytes} bytes is over the limit of {MAX_FRAME_BYTES}")]
    TooLong {
        /// Length claimed.
        len_bytes: u64,
    },
    /// The frame is not a message, or has bytes behind it.
    #[error("a frame does not hold a message: {reason}")]
    Malformed {
        /// What the decoder saw.
        reason: String,
    },
}

/// Encodes a message as a frame.
///
/// # Errors
/// [`FrameError::TooLong`] when it exceeds [`MAX_FRAME_BYTES`].
pub fn encode_frame<T: Encode<()>>(message: &T) -> Result<Vec<u8>, FrameError> {
    let body =
        minicbor::to_vec(message).map_err(|source| FrameError::Malformed { reason: source.to_string() })?;
    let len = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= MAX_FRAME_BYTES)
        .ok_or(FrameError::TooLong { len_bytes: body.len() as u64 })?;
    let mut frame = Vec::with_capacity(4 + body.len());
    frame.extend_from_slice(&len.to_be_bytes());
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// Decodes the body of a frame; hostile bytes give an error, and so does every encoding but the one that
/// [`encode_frame`] makes.
///
/// # Errors
/// [`FrameError::Malformed`], [`FrameError::TooLong`].
pub fn decode_body<'b, T: Decode<'b, ()> + Encode<()>>(body: &'b [u8]) -> Result<T, FrameError> {
    if body.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLong { len_bytes: body.len() as u64 });
    }
    let mut decoder = minicbor::Decoder::new(body);
    let message: T =
        decoder.decode().map_err(|source| FrameError::Malformed { reason: source.to_string() })?;
    if decoder.position() != body.len() {
        return Err(FrameError::Malformed { reason: "bytes after the message".to_owned() });
    }
    let canonical = minicbor::to_vec(&message).is_ok_and(|again| again == body);
    if canonical {
        Ok(message)
    } else {
        Err(FrameError::Malformed { reason: "not the one encoding".to_owned() })
    }
}

/// Writes one message and flushes it.
///
/// # Errors
/// As [`encode_frame`], or the stream's.
pub async fn write_frame<T: Encode<()>>(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    message: &T,
) -> Result<(), FrameError> {
    let frame = encode_frame(message)?;
    stream.write_all(&frame).await?;
    stream.flush().await?;
    Ok(())
}

/// Reads one message. Memory is bounded by [`MAX_FRAME_BYTES`]; time is the caller's to bound.
///
/// # Errors
/// [`FrameError`].
pub async fn read_frame<T: for<'b> Decode<'b, ()> + Encode<()>>(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<T, FrameError> {
    let len = stream.read_u32().await?;
    let len_bytes = usize::try_from(len)
        .ok()
        .filter(|len| *len <= MAX_FRAME_BYTES)
        .ok_or(FrameError::TooLong { len_bytes: u64::from(len) })?;
    let mut body = vec![0_u8; len_bytes];
    stream.read_exact(&mut body).await?;
    decode_body(&body)
}
