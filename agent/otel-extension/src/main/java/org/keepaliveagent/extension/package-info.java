/** What the OpenTelemetry agent sees of this one, when it is given this one as an extension. */
package org.keepaliveagent.extension;
