// Convolutions by tensor cores in half: see conv3x3_tensor.cuh. A module each precision, as a driver compiles whole modules.
#include "kernel.cuh"
#include "conv3x3_tensor.cuh"

CONV3X3_SM80(f16_64, Half, wide)
CONV3X3_SM80(f16_4, Half, narrow)
CONV3X3_SM80_PAIR(f16, Half)
