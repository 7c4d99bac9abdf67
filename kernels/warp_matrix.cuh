// What feeds the tensor cores from sm_80 on: 16-byte copies from device to shared memory that go on beside the work
// (cp.async), and matrices of 8 rows of 16 bytes from shared memory into the registers of a warp (ldmatrix).
//   shared_address(p)               where p is in shared memory, for the calls below; bytes are added to it
//   copy16_async(to, from, valid)   16 bytes, zeros where not valid; both addresses multiples of 16; complete for this thread
//                                   after copy_wait<N>, for the block after a barrier behind it. The cached one keeps the line
//                                   in the multiprocessor's cache, for what the next block reads too;
//   copy_commit()                   closes a group of copies; copy_wait<N>() waits until at most N groups are open;
//   load_matrices(d, row)           row(l) is the address of row l % 8 of matrix l / 8, l = 0..31; lane l receives in d[j]
//                                   the four bytes l % 4 of row l / 4 of matrix j. Every lane of the warp calls it.
//   load_transposed(d, row)         the same of the transposed matrices of 16-bit numbers: column l / 4 of rows 2 (l % 4) and the next.
#pragma once

#if defined(JQE_EMULATED)

using SharedAddress = char*;

__device__ inline SharedAddress shared_address(void* at) { return static_cast<char*>(at); }
__device__ inline void copy16_async(SharedAddress to, const void* from, bool valid) { store16(to, valid ? load16(from) : uint4{0, 0, 0, 0}); }
__device__ inline void copy16_async_cached(SharedAddress to, const void* from) { store16(to, load16(from)); }
__device__ inline void copy_commit() {}
template <int N> __device__ inline void copy_wait() {}

template <typename Row>
__device__ inline void load_matrices(unsigned (&d)[4], Row row)
{
    int lane = threadIdx.x % 32;
    for (int j = 0; j < 4; j++)
        d[j] = reinterpret_cast<const unsigned*>(row(8 * j + lane / 4))[lane % 4];
}

template <typename Row>
__device__ inline void load_transposed(unsigned (&d)[4], Row row)
{
    int lane = threadIdx.x % 32, first = lane % 4 * 2;
    for (int j = 0; j < 4; j++)
        d[j] = reinterpret_cast<const uint16_t*>(row(8 * j + first))[lane / 4]
            | static_cast<unsigned>(reinterpret_cast<const uint16_t*>(row(8 * j + first + 1))[lane / 4]) << 16;
}

#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800

using SharedAddress = unsigned;

__device__ __forceinline__ SharedAddress shared_address(const void* at)
{
    unsigned address;
    asm("{ .reg .u64 a; cvta.to.shared.u64 a, %1; cvt.u32.u64 %0, a; }" : "=r"(address) : "l"(at));
    return address;
}

__device__ __forceinline__ void copy16_async(SharedAddress to, const void* from, bool valid)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(valid ? 16 : 0) : "memory");
}

__device__ __forceinline__ void copy16_async_cached(SharedAddress to, const void* from)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}

__device__ __forceinline__ void copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int N> __device__ __forceinline__ void copy_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

template <typename Row>
__device__ __forceinline__ void load_matrices(unsigned (&d)[4], Row row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(row(threadIdx.x % 32))
        : "memory");
}

template <typename Row>
__device__ __forceinline__ void load_transposed(unsigned (&d)[4], Row row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(row(threadIdx.x % 32))
        : "memory");
}

#endif
