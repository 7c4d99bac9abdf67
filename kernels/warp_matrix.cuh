// What feeds the tensor cores from sm_80 on: 16-byte copies from device to shared memory that go on beside the work
// (cp.async), and matrices of 8 rows of 16 bytes from shared memory into the registers of a warp (ldmatrix).
//   copy16_async(to, from, valid)   16 bytes, zeros where not valid; both addresses multiples of 16; complete for this thread
//                                   after copy_wait<N>, for the block after a barrier behind it;
//   copy_commit()                   closes a group of copies; copy_wait<N>() waits until at most N groups are open;
//   load_matrices(d, row)           row(l) is the address of row l % 8 of matrix l / 8, l = 0..31; lane l receives in d[j]
//                                   the four bytes l % 4 of row l / 4 of matrix j. Every lane of the warp calls it.
#pragma once

#if defined(JQE_EMULATED)

__device__ inline void copy16_async(void* to, const void* from, bool valid) { store16(to, valid ? load16(from) : uint4{0, 0, 0, 0}); }
__device__ inline void copy_commit() {}
template <int N> __device__ inline void copy_wait() {}

template <typename Row>
__device__ inline void load_matrices(unsigned (&d)[4], Row row)
{
    int lane = threadIdx.x % 32;
    for (int j = 0; j < 4; j++)
        d[j] = reinterpret_cast<const unsigned*>(row(8 * j + lane / 4))[lane % 4];
}

#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800

__device__ __forceinline__ unsigned shared_address(const void* at)
{
    unsigned address;
    asm("{ .reg .u64 a; cvta.to.shared.u64 a, %1; cvt.u32.u64 %0, a; }" : "=r"(address) : "l"(at));
    return address;
}

__device__ __forceinline__ void copy16_async(void* to, const void* from, bool valid)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(valid ? 16 : 0) : "memory");
}

__device__ __forceinline__ void copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int N> __device__ __forceinline__ void copy_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

template <typename Row>
__device__ __forceinline__ void load_matrices(unsigned (&d)[4], Row row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(shared_address(row(threadIdx.x % 32)))
        : "memory");
}

#endif
