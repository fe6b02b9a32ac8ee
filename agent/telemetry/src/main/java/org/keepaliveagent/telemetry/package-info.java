/**
 * From events to spans. The application's threads put plain records into a bounded ring; everything
 * of OpenTelemetry happens on the thread {@code keepalive-telemetry}, from the first record on.
 */
package org.keepaliveagent.telemetry;
