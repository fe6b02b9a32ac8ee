/** What the author of an adapter needs: an adapter declares hooks, a hook names its advice. */
package org.keepaliveagent.adapter;
