/* Keeps, beside a folder, what its disk would still have after a power cut: the content of each file, and the entries
 * of each folder, as they were when they were last synced. Loaded before a program's own libraries (LD_PRELOAD).
 *
 * POWER_CUT_FOLDER is watched; in POWER_CUT_DISK each file and folder is kept under its inode and its birth.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int key_of(int at, const char *name, int flags, char *key, mode_t *mode)
{
    struct statx found;
    if (statx(at, name, flags | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &found))
        return -1;
    *mode = found.stx_mode;
    return sprintf(key, "%llu-%lld.%u", (unsigned long long)found.stx_ino, (long long)found.stx_btime.tv_sec,
                   found.stx_btime.tv_nsec);
}

static void keep(int fd)
{
    const char *folder = getenv("POWER_CUT_FOLDER"), *disk = getenv("POWER_CUT_DISK");
    char link[64], path[4096], key[64], part[4200], whole[4200], piece[65536];
    mode_t mode;
    sprintf(link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!folder || !disk || length < 0)
        return;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder)) || key_of(fd, "", AT_EMPTY_PATH, key, &mode) < 0)
        return;
    snprintf(part, sizeof part, "%s/.%s.%d", disk, key, getpid());
    snprintf(whole, sizeof whole, "%s/%s", disk, key);
    FILE *kept = fopen(part, "w");
    if (!kept)
        return;
    if (!strcmp(path, folder))
        fprintf(kept, "%s\n", folder); /* by which it is known among the others */
    if (S_ISDIR(mode)) {
        DIR *entries = opendir(path);
        struct dirent *entry;
        while (entries && (entry = readdir(entries))) {
            mode_t of_entry;
            if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")
                && key_of(dirfd(entries), entry->d_name, 0, key, &of_entry) >= 0)
                fprintf(kept, "%s %o %s\n", key, of_entry, entry->d_name);
        }
        if (entries)
            closedir(entries);
    } else {
        off_t at = 0;
        int file = open(link, O_RDONLY);
        for (ssize_t got; (got = pread(file, piece, sizeof piece, at)) > 0; at += got)
            fwrite(piece, 1, got, kept);
        close(file);
    }
    fclose(kept);
    rename(part, whole);
}

int fsync(int fd)
{
    keep(fd);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd)
{
    keep(fd);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
