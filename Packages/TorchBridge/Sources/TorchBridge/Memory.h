// What tensors hold of the CPU's memory.
#pragma once

#include <cstdint>

void cpuMemory(int64_t *now, int64_t *peak);
void resetCPUMemory();
