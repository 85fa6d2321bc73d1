// What tensors hold of the CPU's memory.
#pragma once

#include <cstdint>

void cpuMemory(int64_t *now, int64_t *peak);
void resetCPUMemory();
/// The limit and what is left of it; zeros without one.
void cpuSize(int64_t *total, int64_t *unused);
