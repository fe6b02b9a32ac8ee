package org.keepaliveagent.conformance;

/** What the scripted upstream does with one request. */
public enum Cue {
  /** Executes it and answers 200. */
  ANSWER,
  /** Answers 200 once as many requests wait as were asked for, so that all run at a time. */
  ANSWER_TOGETHER,
  /** As {@link #ANSWER_TOGETHER}, but then one at a time, each when it is told to. */
  ANSWER_IN_TURN,
  /** Answers with a status line of HTTP/1.0. */
  ANSWER_HTTP_1_0,
  /** Answers without a length, and ends the body by closing. */
  ANSWER_UNFRAMED,
  /** Executes it, sends the first three bytes of a response, and closes. */
  ANSWER_IN_PART,
  /** Reads its head alone and resets, while the client may still be writing. */
  RESET_BEFORE_BODY,
  /** Reads it and closes with a FIN, not having executed it. */
  CLOSE,
  /** Reads it and resets, not having executed it. */
  RESET
}
