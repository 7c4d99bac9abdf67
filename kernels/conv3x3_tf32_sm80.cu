// Convolutions by tensor cores in tf32: see conv3x3_tensor.cuh. A module each precision, as a driver compiles whole modules.
#include "kernel.cuh"
#include "conv3x3_tensor.cuh"

CONV3X3_SM80(tf32_64, Tf32, wide)
CONV3X3_SM80(tf32_4, Tf32, narrow)
CONV3X3_SM80_PAIR(tf32, Tf32)
