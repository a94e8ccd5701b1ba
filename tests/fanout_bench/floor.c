/* What the kernel takes: a loop of send(), and nothing else. Its first line is its port. It obeys what comes on stdin:

       accept 200      take so many connections, whatever they ask for, in place of those before
       say hello       send this to each of them, as a text frame
*/

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

static int meet(int listener)
{
    int sock = accept(listener, NULL, NULL);
    char last[4] = "";
    while (memcmp(last, "\r\n\r\n", 4)) {
        memmove(last, last + 1, 3);
        if (recv(sock, last + 3, 1, 0) != 1)
            exit(1);
    }
    send(sock, ANSWER, sizeof ANSWER - 1, 0);
    return sock;
}

int main(void)
{
    static int socks[1 << 16];
    static char line[65536], frame[65536 + 4];
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), count = 0, on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096))
        return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (!strncmp(line, "accept ", 7)) {
            while (count)
                close(socks[--count]);
            for (int wanted = atoi(line + 7); count < wanted; count++)
                socks[count] = meet(listener);
        } else {
            size_t size = strlen(line) - 5; /* without "say " and the end of the line */
            frame[0] = (char)0x81;
            frame[1] = 126;
            frame[2] = (char)(size >> 8);
            frame[3] = (char)size;
            memcpy(frame + 4, line + 4, size);
            for (int n = 0; n < count; n++)
                send(socks[n], frame, size + 4, MSG_DONTWAIT);
        }
    }
    return 0;
}
