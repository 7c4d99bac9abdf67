// Tensor-core products of one warp: d[16,8] += a[16,k] b[k,8] with float accumulators (PTX ISA, mma.sync; sm_80 and up).
//   Every lane of the warp calls it. With g = lane / 4 and t = lane % 4 the lane holds
//     half, bfloat16 (k = 16): a[0] = A[g, 2t..2t+1], a[1] = A[g+8, 2t..], a[2] = A[g, 2t+8..], a[3] = A[g+8, 2t+8..];
//                              b[0] = B[2t..2t+1, g], b[1] = B[2t+8..2t+9, g]  (the lower index in the lower half);
//     tf32 (k = 8):            a[0] = A[g, t], a[1] = A[g+8, t], a[2] = A[g, t+4], a[3] = A[g+8, t+4]; b[0] = B[t, g], b[1] = B[t+4, g];
//     d, all:                  d[0..1] = D[g, 2t..2t+1], d[2..3] = D[g+8, 2t..2t+1].
//   The hardware's order of the k additions, and their rounding, is its own: the emulation sums in double and rounds once.
#pragma once

#if defined(JQE_EMULATED)

__device__ inline void mma_half(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { emulator::mma(emulator::MmaKind::Half, d, a, b); }
__device__ inline void mma_bfloat16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { emulator::mma(emulator::MmaKind::Bfloat16, d, a, b); }
__device__ inline void mma_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { emulator::mma(emulator::MmaKind::Tf32, d, a, b); }

// The bits of x with 10 bits of fraction: to nearest, ties away from zero (cvt.rna.tf32.f32).
__device__ inline unsigned tf32_of(float x)
{
    unsigned u = __float_as_uint(x);
    return (u & 0x7f800000u) == 0x7f800000u ? u : (u + 0x1000u) & 0xffffe000u;
}

#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800

#define KERNEL_MMA(name, shape)                                                                                   \
    __device__ __forceinline__ void name(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2])           \
    {                                                                                                             \
        asm volatile("mma.sync.aligned." shape " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"           \
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                      \
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                                  \
    }
KERNEL_MMA(mma_half, "m16n8k16.row.col.f32.f16.f16.f32")
KERNEL_MMA(mma_bfloat16, "m16n8k16.row.col.f32.bf16.bf16.f32")
KERNEL_MMA(mma_tf32, "m16n8k8.row.col.f32.tf32.tf32.f32")
#undef KERNEL_MMA

__device__ __forceinline__ unsigned tf32_of(float x)
{
    unsigned bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
}

#endif
