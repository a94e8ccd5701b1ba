/* The floor in C: an epoll loop that receives and counts frames, and does nothing else.

       floor PORT CONNECTIONS

   It prints the number of frames when the server closes. Each frame comes whole, since the server writes it whole. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char REQUEST[] =
    "GET /rooms/floor/socket?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

static int join(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&address, sizeof address) || send(sock, REQUEST, sizeof REQUEST - 1, 0) < 0)
        exit(1);
    char last[4] = "";
    while (memcmp(last, "\r\n\r\n", 4)) {
        memmove(last, last + 1, 3);
        if (recv(sock, last + 3, 1, 0) != 1)
            exit(1);
    }
    return sock;
}

int main(int count, char **argument)
{
    if (count != 3)
        return 2;
    static unsigned char data[65536];
    struct epoll_event events[64];
    int poll = epoll_create1(0), open = atoi(argument[2]);
    for (int n = 0; n < open; n++) {
        struct epoll_event event = {.events = EPOLLIN};
        event.data.fd = join(atoi(argument[1]));
        epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
    }
    long frames = 0;
    while (open) {
        int ready = epoll_wait(poll, events, 64, -1);
        for (int n = 0; n < ready; n++) {
            ssize_t size = recv(events[n].data.fd, data, sizeof data, 0);
            if (size <= 0) {
                close(events[n].data.fd);
                open--;
            }
            for (ssize_t at = 0; at < size; frames++)
                at += data[at + 1] == 126 ? 4 + (data[at + 2] << 8 | data[at + 3]) : 2 + data[at + 1];
        }
    }
    printf("%ld\n", frames);
    return 0;
}
