/**
 * The rules and the state they judge. Pure: time and clean-up come from outside, nothing here opens
 * a socket, starts a thread or writes a log.
 */
package org.keepaliveagent.policy;
