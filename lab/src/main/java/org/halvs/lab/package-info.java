/**
 * A laboratory of network namespaces: hosts, links between them, servers and clients on them. The demo, the end-to-end tests and the
 * benchmarks are built on it; nothing of it ships. Everything a lab makes is gone when it is closed, also after a failure.
 */
@NullMarked
package org.halvs.lab;

import org.jspecify.annotations.NullMarked;
