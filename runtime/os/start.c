/* The entry of an executable made by parc: what crt1.o does elsewhere, so that linking needs no C development files.
 * glibc (2.34 or newer) runs the initialisers itself. */
extern int main(int argc, char **argv, char **envp);

__asm__(".text\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
#if defined(__x86_64__)
        "    xor %ebp, %ebp\n"
        "    mov %rdx, %r9\n"
        "    pop %rsi\n"
        "    mov %rsp, %rdx\n"
        "    and $-16, %rsp\n"
        "    push %rax\n"
        "    push %rsp\n"
        "    xor %r8d, %r8d\n"
        "    xor %ecx, %ecx\n"
        "    mov main@GOTPCREL(%rip), %rdi\n"
        "    call *__libc_start_main@GOTPCREL(%rip)\n"
        "    hlt\n"
#else
#error "the entry of executables is written for x86-64"
#endif
);
