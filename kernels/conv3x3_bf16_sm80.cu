// Convolutions by tensor cores in bfloat16: see conv3x3_tensor.cuh. A module each precision, as a driver compiles whole modules.
#include "kernel.cuh"
#include "conv3x3_tensor.cuh"

CONV3X3_SM80(bf16_64, Bfloat16, wide)
CONV3X3_SM80(bf16_4, Bfloat16, narrow)
CONV3X3_SM80_PAIR(bf16, Bfloat16)
