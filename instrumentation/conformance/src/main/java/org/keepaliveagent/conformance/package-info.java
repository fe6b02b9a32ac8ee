/** The kit: what an adapter must do, as numbered rules, and the peers that prove it. */
package org.keepaliveagent.conformance;
