package org.keepaliveagent.conformance;

/** What the scripted upstream does with one request. */
public enum Cue {
  /** Executes it and answers 200. */
  ANSWER,
  /** Executes it and answers with the status that was asked for. */
  ANSWER_STATUS,
  /** Executes it and answers 200 some milliseconds later. */
  ANSWER_LATER,
  /** Answers 200 once as many requests wait as were asked for, so that all run at a time. */
  ANSWER_TOGETHER,
  /** As {@link #ANSWER_TOGETHER}, but then one at a time, each when it is told to. */
  ANSWER_IN_TURN,
  /** Answers with a status line of HTTP/1.0. */
  ANSWER_HTTP_1_0,
  /** Answers without a length, and ends the body by closing. */
  ANSWER_UNFRAMED,
  /** Answers in chunks, with a trailer after them. */
  ANSWER_CHUNKED,
  /** Executes it and answers with a header that has a NUL in its name. */
  ANSWER_BAD_HEADER,
  /** Executes it after its head alone, answers 200, and closes with its body unread. */
  ANSWER_EARLY,
  /** The same, but takes what comes next for the next request. */
  ANSWER_EARLY_AND_STAY,
  /** Executes it, sends the first three bytes of a response, and closes. */
  ANSWER_IN_PART,
  /** Executes it, sends a response but for the end of its body, and closes. */
  ANSWER_HALF_BODY,
  /** Reads its head alone and resets, while the client may still be writing. */
  RESET_BEFORE_BODY,
  /** Executes it and closes with a FIN, without a byte of a response. */
  EXECUTE_AND_CLOSE,
  /** Reads it and closes with a FIN, not having executed it. */
  CLOSE,
  /** Reads it and resets, not having executed it. */
  RESET,
  /** Reads it and does nothing until the client gives up. */
  STALL,
  /** Reads its head and nothing more until the client gives up. */
  STALL_BEFORE_BODY
}
