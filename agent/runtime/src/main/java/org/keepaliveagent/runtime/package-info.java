/** Puts the parts together: engine, adapters, sweep, telemetry, and the command line. */
package org.keepaliveagent.runtime;
