package org.keepaliveagent.policy;

/** What is counted of an upstream besides the rules' answers. */
public enum Count {
  /** Connections opened while the policy was enforced. */
  OPENED,
  /** Connections opened while it was not. */
  OPENED_UNENFORCED,
  /** Requests carried by connections that are gone, while the policy was enforced. */
  REQUESTS,
  /** Requests carried by connections that are gone, while it was not. */
  REQUESTS_UNENFORCED,
  /** Requests that a parked connection carried. */
  REUSES,
  /** Responses of a version below HTTP/1.1. */
  HTTP_1_0,
  /** Responses that asked for the connection to be closed. */
  ASKED_TO_CLOSE,
  /** Connections opened right after another had been closed for want of room. */
  OPENED_AFTER_TRIM,
  /** TLS handshakes that resumed a session. */
  TLS_RESUMED,
  /** Full TLS handshakes although there had been one shortly before. */
  TLS_REPEATED,
  /** TLS handshakes that named no server although its name was known. */
  TLS_UNNAMED,
}
