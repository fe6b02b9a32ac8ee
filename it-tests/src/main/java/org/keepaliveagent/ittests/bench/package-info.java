/**
 * The measurements behind the project's claims, one class for each subcommand of {@code
 * it-tests/bench}.
 */
package org.keepaliveagent.ittests.bench;
