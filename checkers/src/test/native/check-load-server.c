/*
 * The servers of org.halvs.check.load.CheckLoad, in C so that they leave the processors to what is measured:
 * a web server on all addresses at port PORT, and port DEAD_PORT on which connects get no answer (nobody accepts, and the queue is full).
 *
 *   gcc -O2 -o check-load-server check-load-server.c && ./check-load-server PORT DEAD_PORT
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>
#include <stdlib.h>
#include <stdio.h>
#include <errno.h>
static const char R[]="HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 58\r\nConnection: close\r\n\r\n<html><body><h1>Test Page</h1>0123456789</body></html>....";
int main(int c,char**v){int p=atoi(v[1]),b=atoi(v[2]);
 int l=socket(AF_INET,SOCK_STREAM|SOCK_NONBLOCK,0),one=1;setsockopt(l,SOL_SOCKET,SO_REUSEADDR,&one,4);
 struct sockaddr_in a={AF_INET,htons(p),{0}};if(bind(l,(void*)&a,sizeof a)||listen(l,65535)){perror("bind");return 1;}
 int h=socket(AF_INET,SOCK_STREAM,0);setsockopt(h,SOL_SOCKET,SO_REUSEADDR,&one,4);a.sin_port=htons(b);if(bind(h,(void*)&a,sizeof a)||listen(h,0)){perror("bind2");return 1;}
 /* fill black hole */ for(int i=0;i<4;i++){int s=socket(AF_INET,SOCK_STREAM|SOCK_NONBLOCK,0);a.sin_addr.s_addr=htonl(0x7f000001);connect(s,(void*)&a,sizeof a);}
 int e=epoll_create1(0);struct epoll_event ev={EPOLLIN,{.fd=l}},es[512];epoll_ctl(e,EPOLL_CTL_ADD,l,&ev);char buf[4096];
 for(;;){int n=epoll_wait(e,es,512,-1);for(int i=0;i<n;i++){int f=es[i].data.fd;if(f==l){int s;while((s=accept4(l,0,0,SOCK_NONBLOCK))>=0){int r=read(s,buf,4096);if(r>0){write(s,R,sizeof R-1);close(s);}else{ev.events=EPOLLIN;ev.data.fd=s;epoll_ctl(e,EPOLL_CTL_ADD,s,&ev);}}}
  else{int r=read(f,buf,4096);if(r>0)write(f,R,sizeof R-1);if(!(r<0&&errno==EAGAIN))close(f);}}}}
