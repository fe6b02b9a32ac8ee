/** What the build runs to make the one jar; none of it is in the jar. */
package org.keepaliveagent.dist;
